// Package pipeline feeds numbered chunks to an encoder.
package pipeline

type Chunk struct {
	Seq  int
	Data []byte
}

type Encoder interface {
	Encode(Chunk)
}

// Stream encodes a header and the chunks in a goroutine of its own and calls
// done at the end.
func Stream(enc Encoder, header []byte, data [][]byte, done func()) {
	go func() {
		defer done()
		chunks := make(chan Chunk)
		finished := make(chan struct{})

		go func() {
			defer close(finished)
			for c := range chunks {
				enc.Encode(c)
			}
		}()

		chunks <- Chunk{Seq: 0, Data: header}
		for i, d := range data {
			chunks <- Chunk{Seq: i + 1, Data: d}
		}
		close(chunks)
		<-finished
	}()
}
