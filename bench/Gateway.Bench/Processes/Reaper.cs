using System.Diagnostics;

namespace Gateway.Bench.Processes;

/// <summary>
/// Ends processes that the bench leaves behind when it is killed itself. A shell holds the list, because what is to survive the bench can not be in it: when its
/// input ends without a last word, it sends SIGTERM to whoever is on the list and deletes the folders. Where there is no shell there is no reaper.
/// </summary>
internal static class Reaper
{
    private const string Script = """
        trap '' INT HUP TERM
        while read -r kind what; do
          case $kind in
            process) processes="$processes $what" ;;
            folder) folders="$folders $what" ;;
            done) exit 0 ;;
          esac
        done
        [ -n "$processes" ] && kill $processes 2>/dev/null
        sleep 1
        [ -n "$folders" ] && rm -rf $folders
        """;

    private static readonly Lock Turn = new();
    private static readonly Process? Shell = Start();

    public static void Watch(Process process) => Tell($"process {process.Id}");

    /// <param name="path">Of a temporary folder: without blanks.</param>
    public static void Watch(string path) => Tell($"folder {path}");

    /// <summary>All has been ended in good order.</summary>
    public static void Dismiss() => Tell("done");

    private static Process? Start() =>
        File.Exists("/bin/sh") ? Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script]) { RedirectStandardInput = true }) : null;

    private static void Tell(string line)
    {
        lock (Turn)
        {
            if (Shell is null || Shell.HasExited) return;
            Shell.StandardInput.WriteLine(line);
            Shell.StandardInput.Flush();
        }
    }
}
