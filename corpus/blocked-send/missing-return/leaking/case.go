// Package avatar scales pictures that users upload.
package avatar

import (
	"errors"
	"image"
	"image/png"
	"io"
)

type result struct {
	img image.Image
	err error
}

func decode(r io.Reader, out chan<- result) {
	img, err := png.Decode(r)
	if err != nil {
		out <- result{err: err}
	}
	out <- result{img: img}
}

// Size reads a picture and tells how large it is.
func Size(r io.Reader) (w, h int, err error) {
	out := make(chan result)
	go decode(r, out)

	res := <-out
	if res.err != nil {
		return 0, 0, errors.Join(errors.New("avatar: not a picture"), res.err)
	}
	b := res.img.Bounds()
	return b.Dx(), b.Dy(), nil
}
