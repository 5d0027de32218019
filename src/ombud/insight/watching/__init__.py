"""Early warning as pure statistics: which of many series of counts rises or falls more than chance explains."""
