// Package avatar scales pictures that users upload.
package avatar

import (
	"bytes"
	"errors"
	"image"
	"image/png"
)

type result struct {
	img image.Image
	err error
}

func decode(file []byte, out chan<- result) {
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		out <- result{err: err}
	}
	out <- result{img: img}
}

// Size tells how large a picture is.
func Size(file []byte) (w, h int, err error) {
	out := make(chan result)
	go decode(file, out)

	res := <-out
	if res.err != nil {
		return 0, 0, errors.Join(errors.New("avatar: not a picture"), res.err)
	}
	b := res.img.Bounds()
	return b.Dx(), b.Dy(), nil
}
