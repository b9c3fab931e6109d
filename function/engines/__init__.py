"""What reads pixels: one kind a file or folder, all behind `base.Engine`."""
