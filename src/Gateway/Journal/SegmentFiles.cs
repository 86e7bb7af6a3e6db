using System.Globalization;

namespace Gateway.Journal;

/// <summary>The files themselves: made, checked, cut, locked.</summary>
internal static class SegmentFiles
{
    public static FileStream LockDirectory(string path)
    {
        Directory.CreateDirectory(path);
        var file = Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception)
        {
            throw new JournalUnavailableException(
                $"The journal in '{path}' is in use by another process (lock file '{file}'): {exception.Message} "
                + "Stop the other gateway, or give this one a data directory of its own (Gateway:DataDirectory).",
                exception);
        }
    }

    /// <summary>A file has its final name only when it is whole and on disk: a crash leaves a <c>.new</c> file, deleted at the next start.</summary>
    public static void Create(string path, string unfinishedPath, SegmentHeader header, int bytes, IJournalDisk disk)
    {
        try
        {
            using (var file = File.OpenHandle(unfinishedPath, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            {
                disk.Allocate(file, bytes);
                Span<byte> start = stackalloc byte[SegmentHeader.Bytes];
                header.Write(start);
                RandomAccess.Write(file, start, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(unfinishedPath, path);
        }
        catch
        {
            File.Delete(unfinishedPath);
            throw;
        }
    }

    /// <summary>Null, with the problem, when the header is damaged. Throws when the file is of a version that this build does not know.</summary>
    public static SegmentHeader? ReadHeader(string path, long number, out string problem)
    {
        Span<byte> start = stackalloc byte[SegmentHeader.Bytes];
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = RandomAccess.Read(file, start, 0);
        problem = "";
        if (!SegmentHeader.TryRead(start[..read], out var header))
        {
            problem = "The segment's header is damaged; none of its records can be read.";
            return null;
        }

        if (header.Version != SegmentHeader.CurrentVersion)
        {
            throw new InvalidDataException(
                $"Journal file '{path}' has format version {header.Version}; this build knows {SegmentHeader.CurrentVersion}. "
                + "Start the gateway version that wrote it.");
        }

        if (header.Number == number)
            return header;
        problem = $"The file is segment {header.Number} under another name; reading it could count its records twice.";
        return null;
    }

    public static IEnumerable<(string File, long Number)> List(string path, string extension) =>
        Directory.GetFiles(path, "*" + extension)
            .Select(file => (File: file, Number: NumberOf(file)))
            .Where(found => found.Number > 0)
            .OrderBy(found => found.Number);

    /// <summary>Deletes a file, or puts it aside under a name that no journal opens.</summary>
    public static void Discard(string path, bool keep)
    {
        if (keep)
            File.Move(path, path + ".damaged", overwrite: true);
        else
            File.Delete(path);
    }

    public static void Truncate(string path, long bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.SetLength(bytes);
    }

    private static long NumberOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
