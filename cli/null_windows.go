package cli

// isNull is for systems where a closed standard stream turns into the null
// device: on Windows, writing to it fails, and that is reported.
func isNull(any) bool { return false }
