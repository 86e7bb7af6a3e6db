using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

internal sealed partial class JournalDisk : IJournalDisk
{
    private const int ReadOnly = 0;
    private const int NotSupported = 95;
    private const int InvalidArgument = 22;
    private const int SyncLinux = 4;
    private const int SyncMac = 16;

    public void Allocate(SafeFileHandle file, long bytes)
    {
        // A sparse file would show a full disk as SIGBUS on the request path, which ends the process; so every block is taken now.
        if (OperatingSystem.IsLinux())
        {
            var error = PosixFallocate((int)file.DangerousGetHandle(), 0, bytes);
            if (error == 0)
                return;
            if (error is not NotSupported and not InvalidArgument)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }

        var zeros = new byte[64 * 1024];
        for (var offset = 0L; offset < bytes; offset += zeros.Length)
            RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, bytes - offset)), offset);
    }

    public unsafe void Flush(SegmentMapping mapping, int from, int to)
    {
        if (OperatingSystem.IsWindows())
        {
            mapping.Flush();
            return;
        }

        // Only the range: pages further on were touched ahead of use and would lose that, and be written for nothing.
        var start = from & ~(Environment.SystemPageSize - 1);
        mapping.LetGo(start, to);
        if (Msync((nint)(mapping.Pointer + start), to - start, OperatingSystem.IsLinux() ? SyncLinux : SyncMac) != 0)
            throw new IOException($"msync failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            return;

        // Some file systems know no fsync of a directory; then there is nothing better to do.
        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(int descriptor, long offset, long length);

    [LibraryImport("libc", EntryPoint = "msync", SetLastError = true)]
    private static partial int Msync(nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
