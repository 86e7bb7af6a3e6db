using Gateway.Journal;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Simulation;

/// <summary>A journal's disk without the waiting: a simulated crash takes the process only, never the page cache.</summary>
internal sealed class QuickDisk : IJournalDisk
{
    public void Allocate(SafeFileHandle file, long bytes) => RandomAccess.SetLength(file, bytes);

    public void Flush(SegmentMapping mapping, int from, int to)
    {
    }

    public void FlushDirectory(string path)
    {
    }
}
