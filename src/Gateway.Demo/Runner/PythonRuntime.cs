using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Demo.Runner;

/// <summary>
/// Python in a process of its own: isolated mode, an empty environment, a folder that goes away, limits on time, memory and files. Good
/// enough for a demonstration on one's own machine; it is no jail for strangers' programs.
/// </summary>
internal sealed class PythonRuntime : ILanguageRuntime
{
    private const int MaxOutput = 1024 * 1024;
    private const int SigKill = 9;
    private static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(1);
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly TimeSpan DetectionPatience = TimeSpan.FromSeconds(20); // a busy machine took more than five

    // What python3 is does not change while this process runs, and to ask may take seconds: it can be a script that looks for the real one.
    // That none was found is not kept: the machine may have been too busy to say.
    private static PythonRuntime? _found;

    private readonly string _program;

    private PythonRuntime(string program, string version) => (_program, Version) = (program, version);

    public string Version { get; }

    public static async Task<PythonRuntime?> DetectAsync()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null; // the limits are a Unix shell's
        if (Volatile.Read(ref _found) is { } found) return found;
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", "import sys; print(sys.executable); print(sys.version.split()[0])"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var patience = new CancellationTokenSource(DetectionPatience);
            var output = (await process.StandardOutput.ReadToEndAsync(patience.Token)).Split('\n');
            await process.WaitForExitAsync(patience.Token);
            if (process.ExitCode != 0 || output.Length < 2) return null;
            found = new PythonRuntime(output[0].Trim(), output[1].Trim());
            Volatile.Write(ref _found, found);
            return found;
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            return null;
        }
    }

    public async Task<RunResult> RunAsync(Submission submission, CancellationToken cancellationToken)
    {
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("runner-");
            var file = Path.Combine(folder.FullName, "main.py");
            await File.WriteAllTextAsync(file, submission.SourceCode, cancellationToken);
            return await RunFileAsync(file, folder.FullName, submission, cancellationToken);
        }
        catch (Exception e)
        {
            return new RunResult(Verdict.InternalError, Message: e.Message);
        }
        finally
        {
            Delete(folder);
        }
    }

    private async Task<RunResult> RunFileAsync(string file, string folder, Submission submission, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var process = Process.Start(StartOf(file, folder, submission))!;
        stop.CancelAfter(submission.WallLimit);
        var stdout = new Capture(MaxOutput, stop.Cancel);
        var stderr = new Capture(MaxOutput, stop.Cancel);
        var pipes = Task.WhenAll(
            stdout.ReadAsync(process.StandardOutput), stderr.ReadAsync(process.StandardError), WriteAsync(process.StandardInput, submission.Stdin));
        var stopped = false;
        try
        {
            await process.WaitForExitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            stopped = true;
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        await EndAsync(process, pipes);
        var (output, errors) = (stdout.Text, stderr.Text);
        if (stdout.Overflowed || stderr.Overflowed)
            return new RunResult(Verdict.RuntimeError, output, errors, Message: "Output limit exceeded", Elapsed: elapsed);

        // Killed by the limit on processor time: 128 + SIGKILL or SIGXCPU.
        var verdict = stopped || process.ExitCode is 137 or 152 ? Verdict.TimeLimitExceeded
            : process.ExitCode == 0 ? Verdict.Accepted
            : output is null && IsSyntaxError(errors) ? Verdict.CompilationError
            : Verdict.RuntimeError;
        return verdict == Verdict.CompilationError
            ? new RunResult(verdict, CompileOutput: errors)
            : new RunResult(verdict, output, errors, Message: Message(verdict, process.ExitCode), Elapsed: elapsed);
    }

    private ProcessStartInfo StartOf(string file, string folder, Submission submission)
    {
        // ulimit counts whole seconds and kilobytes, and a plain sh takes one limit at a time. The interpreter itself maps some 30 MB, so its
        // address space gets twice the limit and that. A session of its own makes one group of all that the program starts.
        var seconds = (int)Math.Ceiling(submission.CpuLimit.TotalSeconds);
        var kilobytes = (submission.MemoryBytes * 2 / 1024) + 65_536;
        const string session = "import os, sys; os.setsid(); os.execv(sys.argv[1], [sys.argv[1], '-I', '-S', '-B', sys.argv[2]])";
        var limits = $"ulimit -t {seconds} && ulimit -v {kilobytes} && ulimit -f 1024 && exec \"$0\" -I -S -B -c \"{session}\" \"$0\" \"$1\"";
        var start = new ProcessStartInfo("/bin/sh", ["-c", limits, _program, file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
            WorkingDirectory = folder,
        };
        start.Environment.Clear();
        start.Environment["LANG"] = "C.UTF-8";
        return start;
    }

    /// <summary>Kills whatever of the program still runs, and waits for it and, a moment, for the end of its pipes.</summary>
    private static async Task EndAsync(Process process, Task pipes)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended meanwhile.
        }

        _ = KillProcess(-process.Id, SigKill); // its group: children outlive their parent
        await process.WaitForExitAsync(CancellationToken.None);
        try
        {
            await pipes.WaitAsync(PipePatience);
        }
        catch (TimeoutException)
        {
            // A child in a session of its own got away and holds the pipes; what was read is what there is.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int KillProcess(int process, int signal);

    /// <summary>Before it runs, that is: no traceback, only the place in the file and the error.</summary>
    private static bool IsSyntaxError(string? errors) =>
        errors is not null && !errors.StartsWith("Traceback", StringComparison.Ordinal)
        && errors.TrimEnd().Split('\n')[^1].Split(':')[0] is "SyntaxError" or "IndentationError" or "TabError";

    private static string? Message(Verdict verdict, int exitCode) => verdict switch
    {
        Verdict.TimeLimitExceeded => "Time limit exceeded",
        Verdict.RuntimeError => $"Exited with error status {exitCode}",
        _ => null,
    };

    private static async Task WriteAsync(StreamWriter stdin, string text)
    {
        try
        {
            await stdin.WriteAsync(text);
            stdin.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ended without reading what it was given.
        }
    }

    private static void Delete(DirectoryInfo? folder)
    {
        try
        {
            folder?.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The program deleted its folder itself, or locked it; that must not take the worker with it.
        }
    }
}
