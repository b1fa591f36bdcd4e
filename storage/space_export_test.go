package storage

// SetMinFree moves the margin of an open store; the function that it returns
// puts it back.
func (b *Badger) SetMinFree(n int64) (restore func()) {
	before := b.minFree.Swap(n)
	return func() { b.minFree.Store(before) }
}
