using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.Demo.Tests;

/// <summary>Programs really run, and within their limits.</summary>
public sealed class ProgramTests
{
    private const int Accepted = 3, WrongAnswer = 4, TimeLimit = 5, CompilationError = 6, RuntimeError = 11;

    [Theory]
    [InlineData(63)]
    [InlineData(163)]
    public async Task A_program_reads_its_input_and_prints(int language)
    {
        await using var bench = await RunnerBench.StartAsync();

        var (status, body) = await bench.RunAsync("const a = readline(); console.log(a, stdin.length); console.error('note')", language, "one\ntwo");

        Assert.Equal((201, Accepted), (status, Verdict(body)));
        Assert.Equal(("one 7\n", "note\n"), (body["stdout"]!.GetValue<string>(), body["stderr"]!.GetValue<string>()));
        Assert.Matches(@"^\d+\.\d{3}$", body["time"]!.GetValue<string>());
        Assert.True(body["memory"]!.GetValue<long>() >= 0);
    }

    [Theory]
    [InlineData("for (;;) {}", TimeLimit)]
    [InlineData("let x = ;", CompilationError)]
    [InlineData("throw new Error('no')", RuntimeError)]
    [InlineData("const f = () => f(); f()", RuntimeError)]
    [InlineData("let s = 'x'; for (;;) s += s", RuntimeError)]
    [InlineData("for (;;) console.log('yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')", RuntimeError)]
    public async Task What_goes_wrong_is_a_verdict_and_the_runner_goes_on(string source, int verdict)
    {
        await using var bench = await RunnerBench.StartAsync();
        var started = Stopwatch.GetTimestamp();

        var (status, body) = await bench.RunAsync(source, limits: new { cpu_time_limit = 1.5, memory_limit = 64_000 });

        Assert.Equal((201, verdict), (status, Verdict(body)));
        Assert.Equal(verdict == CompilationError, body["time"] is null);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
        Assert.Equal(Accepted, Verdict((await bench.RunAsync("console.log(1)")).Body));
    }

    [Fact]
    public async Task A_program_may_work_for_as_long_as_its_time_limit_lets_it()
    {
        await using var bench = await RunnerBench.StartAsync();

        var (_, body) = await bench.RunAsync("const end = Date.now() + 2500; while (Date.now() < end); console.log('done')");

        Assert.Equal((Accepted, "done\n"), (Verdict(body), body["stdout"]?.GetValue<string>()));
    }

    [Fact]
    public async Task An_unexpected_output_is_a_wrong_answer()
    {
        await using var bench = await RunnerBench.StartAsync();

        Assert.Equal(WrongAnswer, Verdict((await bench.RunAsync("console.log(41)", limits: new { expected_output = "42" })).Body));
        Assert.Equal(Accepted, Verdict((await bench.RunAsync("console.log(42)", limits: new { expected_output = "42" })).Body));
    }

    [Theory]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')")]
    [InlineData("importNamespace('System')")]
    [InlineData("(function () {}).constructor('return this')().System.Environment")]
    [InlineData("require('fs')")]
    public async Task A_program_reaches_nothing_of_the_machine(string source)
    {
        await using var bench = await RunnerBench.StartAsync();

        Assert.Equal(RuntimeError, Verdict((await bench.RunAsync(source)).Body));
    }

    [Fact]
    public async Task Python_runs_in_a_process_with_nothing_of_ours()
    {
        await using var bench = await RunnerBench.StartAsync();
        await bench.NeedsPythonAsync();

        var (_, body) = await bench.RunAsync("import os\nprint(input()[::-1], sorted(os.environ.keys() - {'LC_CTYPE', 'PWD', 'OLDPWD', 'SHLVL', '_'}))", 71, "abc");

        Assert.Equal((Accepted, "cba ['LANG']\n"), (Verdict(body), body["stdout"]?.GetValue<string>()));
    }

    [Theory]
    [InlineData("while True: pass", TimeLimit)]
    [InlineData("import time\ntime.sleep(60)", TimeLimit)]
    [InlineData("import subprocess\nsubprocess.run(['sleep', '60'])", TimeLimit)]
    [InlineData("def f(:", CompilationError)]
    [InlineData("raise SystemExit(3)", RuntimeError)]
    [InlineData("x = 'x' * (4 << 30)", RuntimeError)]
    public async Task Python_ends_when_it_must(string source, int verdict)
    {
        await using var bench = await RunnerBench.StartAsync();
        await bench.NeedsPythonAsync();
        var started = Stopwatch.GetTimestamp();

        var (status, body) = await bench.RunAsync(source, 71, limits: new { cpu_time_limit = 2, wall_time_limit = 5 });

        Assert.Equal((201, verdict), (status, Verdict(body)));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    private static int Verdict(JsonNode body) => body["status"]!["id"]!.GetValue<int>();
}
