module goparser

go 1.24
