"""What happens to orders when processes die: kill -9 at random moments, then every book is checked."""
