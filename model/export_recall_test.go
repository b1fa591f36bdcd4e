package model

// RecallLen is how many decisions r keeps.
func RecallLen(r *Recall) int { return len(r.records) }
