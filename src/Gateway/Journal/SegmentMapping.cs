using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Gateway.Journal;

/// <summary>A segment file in memory. The pointer is good until <see cref="Dispose"/>, which only <see cref="JournalSegment"/> calls.</summary>
internal sealed unsafe partial class SegmentMapping : IDisposable
{
    private const int PageBytes = 4096;
    private const int DontNeed = 4;
    private const int PopulateWrite = 23; // Linux 5.14 and later
    private const int BadAddress = 14;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _pointer;

    private SegmentMapping(string path, bool writable)
    {
        var access = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        var stream = new FileStream(
            path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Length = checked((int)stream.Length);
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Length, access);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
    }

    public int Length { get; }

    public byte* Pointer => _pointer;

    public ReadOnlySpan<byte> Bytes => new(_pointer, Length);

    public static SegmentMapping Open(string path, bool writable) => new(path, writable);

    public void Flush() => _view.Flush();

    /// <summary>Makes the first so many bytes present and writable ahead of use, which spares the appenders the page faults.</summary>
    /// <exception cref="IOException">The disk has no room for a page. To touch it would end the process.</exception>
    public void Prepare(int bytes)
    {
        if (OperatingSystem.IsLinux() && Madvise((nint)_pointer, bytes, PopulateWrite) == 0) return;
        if (OperatingSystem.IsLinux() && Marshal.GetLastPInvokeError() == BadAddress) throw new IOException("The disk has no room for a page of the journal's segment.");
        Touch(0, bytes); // a fault for each page, where one call can not do
    }

    /// <summary>
    /// Makes every page of a range present, writable and changed. After a failed flush that is needed because the kernel takes the pages for clean then
    /// and would not write them again.
    /// </summary>
    public void Touch(int from, int to)
    {
        for (var page = from & ~(PageBytes - 1); page < to; page += PageBytes)
            Interlocked.Or(ref *(int*)(_pointer + page), 0);
    }

    /// <summary>
    /// Ends the process's view of a range, whose beginning is a page's, and not what is in it: that is the file's, and changed as before. To write a page that is
    /// in view the kernel first interrupts every processor, for each page by itself; the views of a range go with one such interruption. Whoever touches a page
    /// later gets its view back.
    /// </summary>
    public void LetGo(int from, int to)
    {
        if (OperatingSystem.IsLinux()) _ = Madvise((nint)(_pointer + from), to - from, DontNeed);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Madvise(nint address, nint length, int advice);
}
