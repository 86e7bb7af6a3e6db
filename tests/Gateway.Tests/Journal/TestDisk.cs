using Gateway.Journal;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tests.Journal;

/// <summary>A disk that is quick, counts, and can be told to be full or broken.</summary>
internal sealed class TestDisk : IJournalDisk
{
    private int _flushes;

    public volatile bool IsFull;
    public volatile bool IsBroken;

    /// <summary>While reset, flushes do not end.</summary>
    public ManualResetEventSlim Passage { get; } = new(initialState: true);

    public int Flushes => Volatile.Read(ref _flushes);

    public void Allocate(SafeFileHandle file, long bytes)
    {
        if (IsFull)
            throw new IOException("No space left on device");
        RandomAccess.SetLength(file, bytes);
    }

    public void Flush(SegmentMapping mapping, int from, int to)
    {
        if (IsBroken)
            throw new IOException("Input/output error");
        Passage.Wait();
        Interlocked.Increment(ref _flushes);
    }

    public void FlushDirectory(string path)
    {
    }
}
