module example.com/bg

go 1.24
