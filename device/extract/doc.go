// Package extract reads archives and writes them out, and trusts none of them.
//
// archiver/v4 reads the formats; it checks nothing and writes nothing. The
// checks are ours and happen before the first byte is written: names, links,
// sizes, ratios, overlaps, collisions and free space. Files go into a Target,
// which shows them only when all of them are complete and their checksums
// match; a failure or a cancel leaves nothing behind.
//
// An archive is an io.ReaderAt and a size, never a path: on a phone there may
// be none.
package extract
