// Package download is the engine that brings an archive to this machine: the
// queue, the transfer, the journal that makes it resumable, and its progress.
//
// Four invariants hold, whatever the server, the network or the disk does:
//
//  1. The final file name exists only with exactly the right bytes.
//  2. Bytes of two versions of a file are never mixed.
//  3. Memory does not grow with the size of the file.
//  4. Every failure is a typed error that people can be told in words.
//
// The engine reaches the network only through a Source and the disk only
// through a Folder. It imports nothing but the standard library. It alone
// retries the body of an archive.
//
// # How a download goes
//
// A transfer locks the part, takes over what its journal claims and the part
// bears out, and checks the free space. It asks for everything from the first
// missing byte on, and goes by what the server granted: a 200 begins at 0, a
// 206 must fit exactly. Bytes are written to the part first; a second goroutine
// hashes them in order, from memory where it can, else by reading them back. A
// third one syncs the part and then writes the journal, every 8 MiB or 2 s, but
// ten times a second at most; so a journal never claims what a power cut could
// take away. When all is there,
// size and SHA-256 are compared, the part is synced, the journal says so, and
// the Folder gives the closed part its name. What is wrong is fetched once more
// from the start, then it is a *DamagedError.
//
// Where a server or a path limits each connection, further ones are added as
// long as that makes the download faster (crew): each takes a claim, a run of
// bytes that nobody else fetches, of exactly the same version, and when it is
// done the second half of the largest claim left. Only with a strong tag, a
// size and a digest; and what turned out wrong is fetched again by one alone.
// The slowest is given up for another when nobody else has anything left to do.
//
// After a restart the bytes of a part are hashed again from the disk while new
// ones come, and compared with the hash in the journal: a part that was harmed
// in between is noticed as soon as it is read. After a mere kill the bytes behind
// what the journal claims count as well, as long as one connection wrote them in
// order; before others begin the journal says so. One that claims all bytes,
// with no part, is of a file that has its name already.
//
// # Goroutines
//
// A Manager has one goroutine that calls subscribers, and one for each
// download that is active; that one has up to three helpers while bytes come,
// and one more for each further connection, for who leads them and for who
// looks whether one holds the others up.
// Methods of Manager do not wait for the network; Start looks at the Folder,
// Restore reads the journals, Forget and Close wait until all downloads have
// stopped and are on the disk or gone. After Close nothing of it runs.
package download
