using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Torture;

/// <summary>One of our programs as a process of its own.</summary>
internal sealed class Child : IAsyncDisposable
{
    private const int KeptLines = 200;
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux
    private readonly Process _process;
    private readonly Queue<string> _output = new();
    private readonly List<(Regex Wanted, TaskCompletionSource<Match> Found)> _waiting = [];

    private Child(Process process) => _process = process;

    public int Id => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public string Output
    {
        get
        {
            lock (_output) return string.Join(Environment.NewLine, _output);
        }
    }

    /// <summary>Processor time used so far, user and system.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
        }
    }

    /// <summary>Resident bytes: all, and those that are not pages of files.</summary>
    public (long All, long Anonymous) Memory
    {
        get
        {
            var status = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/status"));
            return (Kilobytes(status, "VmRSS:"), Kilobytes(status, "RssAnon:"));
        }
    }

    /// <summary>Resident bytes that were written to and are shared with nobody.</summary>
    public long PrivateDirty => Kilobytes(File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/smaps_rollup")), "Private_Dirty:");

    /// <summary>As if it ran elsewhere: what it does with the processors must not count against the gateway.</summary>
    public void Yield() => _process.PriorityClass = ProcessPriorityClass.BelowNormal;

    public static Child Start(string program, params string[] arguments) => Start(program, arguments, []);

    /// <summary>One that collects its garbage when told to at this socket.</summary>
    public static Child StartMeasured(string heapSocket, string program, params string[] arguments) => Start(program, arguments, new()
    {
        ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "Gateway.Torture.dll"),
        [StartupHook.Variable] = heapSocket,
    });

    private static Child Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["DOTNET_gcServer"] = "0";
        foreach (var (name, value) in environment) info.Environment[name] = value;
        var child = new Child(Process.Start(info)!);
        child._process.OutputDataReceived += (_, e) => child.Note(e.Data);
        child._process.ErrorDataReceived += (_, e) => child.Note(e.Data);
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The next line of output that matches.</summary>
    public Task<Match> LineAsync(Regex wanted)
    {
        var found = new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            foreach (var line in _output)
            {
                if (wanted.Match(line) is { Success: true } match) return Task.FromResult(match);
            }

            _waiting.Add((wanted, found));
        }

        return found.Task;
    }

    /// <summary>SIGKILL: nothing in the process runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task TerminateAsync()
    {
        Signal("-TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it stands still, its sockets stay open.</summary>
    public void Pause() => Signal("-STOP");

    public void Continue() => Signal("-CONT");

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            Continue();
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > KeptLines) _output.Dequeue();
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Wanted.Match(line) is not { Success: true } match) continue;
                _waiting[i].Found.TrySetResult(match);
                _waiting.RemoveAt(i);
            }
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static long Kilobytes(string[] status, string name) =>
        (long)Number(status.First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;

    private static double Number(string text) => double.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
