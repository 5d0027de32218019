"""What people read of the register: cases, lists and titles, already scoped to the reader."""
