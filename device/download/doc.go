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
package download
