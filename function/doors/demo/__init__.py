"""`demo`: the main job on one machine. An embedded S3 whose uploads become events, the function beside it, samples."""
