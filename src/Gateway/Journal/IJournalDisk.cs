using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

/// <summary>What the journal asks of the disk and the disk may refuse.</summary>
internal interface IJournalDisk
{
    /// <summary>Makes the file <paramref name="bytes"/> long with every block really there. Throws <see cref="IOException"/> when it can't.</summary>
    void Allocate(SafeFileHandle file, long bytes);

    /// <summary>Returns when what these offsets of the mapping hold is on disk.</summary>
    void Flush(SegmentMapping mapping, int from, int to);

    /// <summary>Makes new and renamed names in a directory last through a power loss, where the platform knows how to.</summary>
    void FlushDirectory(string path);
}
