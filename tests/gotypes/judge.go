package main

import "io"

func judge(out io.Writer, root string, rest []string) {}
