# Makes the install script from its pieces: a line
#
#   --@csv FILE TABLE [column=value]...
#
# becomes INSERTs of that file's rows, 500 at a time.  The file's header names
# the columns; an empty field is NULL; column=value is added to every row.
# Fields are plain: a double quote in the file is an error here, not a guess.

function quoted(s)
{
	gsub(/'/, "''", s)
	return s == "" ? "NULL" : "'" s "'"
}

function fail(message)
{
	print FILENAME ":" FNR ": " message > "/dev/stderr"
	failed = 1
	exit 1
}

function insert_csv(file, table, extra_columns, extra_values,	line, f, n, columns, i, row, rows)
{
	if ((getline line < file) <= 0)
		fail("cannot read " file)
	sub(/\r$/, "", line)
	columns = split(line, f, ",")
	gsub(/,/, ", ", line)
	while ((getline row < file) > 0) {
		sub(/\r$/, "", row)
		n = split(row, f, ",")
		if (n != columns || row ~ /"/)
			fail(file ": not " columns " plain fields: " row)
		if (rows % 500 == 0)
			print (rows ? ";\n" : "") "INSERT INTO " table " (" line extra_columns ") VALUES"
		else
			print ","
		row = quoted(f[1])
		for (i = 2; i <= n; i++)
			row = row "," quoted(f[i])
		printf "(%s%s)", row, extra_values
		rows++
	}
	if (!rows)
		fail(file " has no rows")
	print ";"
	close(file)
}

/^--@csv / {
	columns = values = ""
	for (i = 4; i <= NF; i++) {
		split($i, pair, "=")
		columns = columns ", " pair[1]
		values = values "," quoted(pair[2])
	}
	insert_csv($2, $3, columns, values)
	next
}
{ print }
END { if (failed) exit 1 }
