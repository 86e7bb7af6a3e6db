using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Bench.Measuring;

/// <summary>How much was ever written to a journal, seen from outside: its segments have numbers, are allocated whole and filled from the front.</summary>
internal static class JournalPosition
{
    private const string Segments = "*.journal";
    private const long SegmentBytes = 16 * 1024 * 1024; // Gateway:Journal:SegmentBytes, which arms leave at its default
    private const int HeaderBytes = 64; // a segment that waits for its turn has nothing else
    private const int Step = 64 * 1024;

    /// <summary>Grows by what is written. What was left empty at a segment's end counts as written: a few records' worth in millions of bytes.</summary>
    public static long Of(string folder)
    {
        var position = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles(Segments))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            if (UsedBytes(file.FullName) is not { } used) continue;
            if (used > HeaderBytes) position = Math.Max(position, (number * SegmentBytes) + used);
        }

        return position;
    }

    /// <summary>Null: the gateway, which deletes what is shipped, was quicker. Never the newest, which has the position.</summary>
    private static long? UsedBytes(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return UsedBytes(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static long UsedBytes(SafeFileHandle file)
    {
        var block = new byte[Step];
        for (var end = RandomAccess.GetLength(file); end > 0; end -= Step)
        {
            var start = Math.Max(0, end - Step);
            var read = RandomAccess.Read(file, block.AsSpan(0, (int)(end - start)), start);
            var last = block.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (last >= 0) return start + last + 1;
        }

        return 0;
    }
}
