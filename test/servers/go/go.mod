module webtls.test/server

go 1.26
