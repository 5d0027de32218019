"""Early warning in the product: series counted, alarms kept, and the matters that they open."""
