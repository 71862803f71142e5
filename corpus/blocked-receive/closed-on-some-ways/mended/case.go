// Package ledger reads entries line by line.
package ledger

import "strconv"

// Sum adds the amounts up.
func Sum(lines []string) (sum int) {
	amounts := make(chan int)
	go func() {
		defer close(amounts)
		for _, line := range lines {
			n, err := strconv.Atoi(line)
			if err != nil {
				return
			}
			amounts <- n
		}
	}()
	for n := range amounts {
		sum += n
	}
	return sum
}
