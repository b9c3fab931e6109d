"""Which pages need the accurate engine, and what stands where it is not there."""
