package cli

// Harden does nothing here: Windows keeps a user's files and processes apart.
func Harden() {}
