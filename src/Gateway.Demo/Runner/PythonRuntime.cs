using System.ComponentModel;
using System.Diagnostics;

namespace Gateway.Demo.Runner;

/// <summary>
/// Python in a process of its own: isolated mode, an empty environment, a folder that goes away, limits on time, memory and files. Good
/// enough for a demonstration on one's own machine; it is no jail for strangers' programs.
/// </summary>
internal sealed class PythonRuntime : ILanguageRuntime
{
    private const int MaxOutput = 1024 * 1024;
    private static readonly TimeSpan DetectionPatience = TimeSpan.FromSeconds(5);

    private readonly string _program;

    private PythonRuntime(string program, string version) => (_program, Version) = (program, version);

    public string Version { get; }

    public static async Task<PythonRuntime?> DetectAsync()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null; // the limits are a Unix shell's
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
            return process.ExitCode == 0 && output.Length >= 2 ? new PythonRuntime(output[0].Trim(), output[1].Trim()) : null;
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            return null;
        }
    }

    public async Task<RunResult> RunAsync(Submission submission, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("runner-");
        try
        {
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
            folder.Delete(recursive: true);
        }
    }

    private async Task<RunResult> RunFileAsync(string file, string folder, Submission submission, CancellationToken cancellationToken)
    {
        // ulimit counts whole seconds and kilobytes. The interpreter itself maps some 30 MB, so its address space gets twice the limit and that.
        var seconds = (int)Math.Ceiling(submission.CpuLimit.TotalSeconds);
        var kilobytes = (submission.MemoryBytes * 2 / 1024) + 65_536;
        var limits = $"ulimit -t {seconds} && ulimit -v {kilobytes} && ulimit -f 1024 && exec \"$0\" -I -S -B \"$1\"";
        var start = new ProcessStartInfo("/bin/sh", ["-c", limits, _program, file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment.Clear();
        start.Environment["LANG"] = "C.UTF-8";

        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        using var wall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wall.CancelAfter(submission.WallLimit);
        var timedOut = false;
        await using var kill = wall.Token.Register(() =>
        {
            timedOut = true;
            process.Kill(entireProcessTree: true);
        });
        var stdout = ReadAsync(process.StandardOutput, process);
        var stderr = ReadAsync(process.StandardError, process);
        await WriteAsync(process.StandardInput, submission.Stdin);
        var (output, errors) = (await stdout, await stderr);
        await process.WaitForExitAsync(CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started);

        // Killed by the shell's own limit on processor time: 128 + SIGKILL or SIGXCPU.
        var verdict = timedOut || process.ExitCode is 137 or 152 ? Verdict.TimeLimitExceeded
            : process.ExitCode == 0 ? Verdict.Accepted
            : errors?.Contains("SyntaxError", StringComparison.Ordinal) == true && output is null ? Verdict.CompilationError
            : Verdict.RuntimeError;
        return verdict == Verdict.CompilationError
            ? new RunResult(verdict, CompileOutput: errors)
            : new RunResult(verdict, output, errors, Message: Message(verdict, process.ExitCode), Elapsed: elapsed);
    }

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
        catch (IOException)
        {
            // It ended without reading what it was given.
        }
    }

    private static async Task<string?> ReadAsync(StreamReader reader, Process process)
    {
        var buffer = new char[MaxOutput];
        var length = await reader.ReadBlockAsync(buffer);
        if (length == MaxOutput) process.Kill(entireProcessTree: true);
        return length == 0 ? null : new string(buffer, 0, length);
    }
}
