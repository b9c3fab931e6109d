"""Who is measured: one file a reader, all behind `base.Reader`."""
