using Gateway.Journal;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tests.Journal;

/// <summary>
/// A disk that fails as it is told to, step by step, and remembers what it was made to keep: after a power loss only what was flushed is there.
/// </summary>
/// <param name="faults">What becomes of each step in turn; when they are used up, all goes well.</param>
internal sealed class FaultyDisk(IEnumerable<DiskFault> faults) : IJournalDisk
{
    private readonly Lock _gate = new();
    private readonly Queue<DiskFault> _faults = new(faults);
    private readonly Dictionary<string, byte[]> _kept = [];

    public void Allocate(SafeFileHandle file, long bytes)
    {
        switch (Next())
        {
            case DiskFault.Full:
                throw new IOException("No space left on device");
            case DiskFault.Short:
                RandomAccess.SetLength(file, bytes / 3);
                throw new IOException("No space left on device");
            case DiskFault.Broken:
                throw new IOException("Input/output error");
        }

        RandomAccess.SetLength(file, bytes);
    }

    public void Flush(SegmentMapping mapping, int from, int to)
    {
        var fault = Next();
        if (fault is DiskFault.Full or DiskFault.Broken) throw new IOException("Input/output error");
        if (fault == DiskFault.Short) to = from + ((to - from) / 2);
        lock (_gate)
        {
            var segment = Number(mapping.Bytes);
            if (!_kept.TryGetValue(segment, out var kept)) _kept[segment] = kept = mapping.Bytes[..SegmentHeader.Bytes].ToArray();
            if (kept.Length < to) Array.Resize(ref kept, to);
            mapping.Bytes[from..to].CopyTo(kept.AsSpan(from));
            _kept[segment] = kept;
        }

        if (fault == DiskFault.Short) throw new IOException("Input/output error");
    }

    public void FlushDirectory(string path)
    {
        if (Next() != DiskFault.None) throw new IOException("Input/output error");
    }

    /// <summary>What is there when the power is back: each file as far as it was flushed, its name and header from when it was made.</summary>
    public TempFolder AfterPowerLoss(TempFolder folder)
    {
        var copy = new TempFolder();
        foreach (var (name, written) in folder.Contents())
        {
            var kept = new byte[written.Length];
            lock (_gate) (_kept.GetValueOrDefault(Number(written)) ?? written[..SegmentHeader.Bytes]).CopyTo(kept, 0);
            File.WriteAllBytes(Path.Combine(copy.Path, name), kept);
        }

        return copy;
    }

    private static string Number(ReadOnlySpan<byte> segment) =>
        SegmentHeader.TryRead(segment, out var header) ? $"{header.Number}" : throw new InvalidDataException("A segment without a header.");

    private DiskFault Next()
    {
        lock (_gate) return _faults.TryDequeue(out var fault) ? fault : DiskFault.None;
    }
}

internal enum DiskFault
{
    None,
    Full,

    /// <summary>A part is done, then it fails.</summary>
    Short,
    Broken,
}
