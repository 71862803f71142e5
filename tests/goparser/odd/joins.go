// Statements whose next line could go on with them, if line ends did not end them.
package odd

func joins(s *server, m map[string]int, k string, c chan int) (x int) {
	f := s.m[k]
	(*s).mu.Unlock()
	x = m[k]
	(m)[k] = f
	x = m[k] // the unlock follows
	(*s).mu.Unlock()
	x = m[k] /* over
	lines */ (*s).mu.Unlock()
	x = s.m[k]
	[]int{1}[0]++
	x = s.n
	{
		x = m[k]
		{
			x++
		}
	}
	x = (x)
	(func() {})()
	var y []int
	(*s).use(y)
	var z generic[int]
	{
		_ = z
	}
	c <- m[k]
	(<-c)
	return m[k]

	(*s).mu.Unlock()
	return
}

func dereferences(p unsafe.Pointer) ([]byte, int) {
	x := *(*[]byte)(p)
	y := *set.New[*int, string](p)
	*(*int)(p) = **(**int)(p) * (y)
	return x, *(f)(p)
}
