using System.Globalization;
using System.Text.Json.Nodes;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class PythonTests
{
    private const int Python = 71;

    [Fact]
    public async Task Prints_what_it_reads_from_stdin()
    {
        var result = await RunAsync("print('Hello, ' + input())\nprint(len(input()))", "wörld\nsécond");

        Assert.Equal(3, StatusOf(result));
        Assert.Equal("Hello, wörld\n6\n", (string?)result["stdout"]);
        Assert.Null(result["stderr"]);
        Assert.Matches(@"^\d+\.\d{3}$", (string)result["time"]!);
    }

    [Fact]
    public async Task An_infinite_loop_is_killed_by_the_wall_limit()
    {
        var result = await RunAsync("print('started', flush=True)\nwhile True: pass", wall: 0.5);

        Assert.Equal(5, StatusOf(result));
        Assert.InRange(double.Parse((string)result["time"]!, CultureInfo.InvariantCulture), 0.4, 10);
    }

    [Fact]
    public async Task An_infinite_loop_is_killed_by_the_limit_on_processor_time()
    {
        var result = await RunAsync("while True: pass", cpu: 0.5, wall: 20);

        Assert.Equal(5, StatusOf(result));
        Assert.InRange(double.Parse((string)result["time"]!, CultureInfo.InvariantCulture), 0.4, 19);
    }

    [Theory]
    [InlineData("print('x'")]
    [InlineData("def f():\npass")]
    [InlineData("if 1:\n\tx = 1\n        y = 2")]
    public async Task A_syntax_error_is_a_compilation_error_that_costs_no_time(string source)
    {
        var result = await RunAsync(source);

        Assert.Equal(6, StatusOf(result));
        Assert.Contains("Error", (string?)result["compile_output"], StringComparison.Ordinal);
        Assert.Null(result["time"]);
    }

    [Theory]
    [InlineData("raise ValueError('boom')", "ValueError: boom")]
    [InlineData("raise Exception('SyntaxError')", "Exception: SyntaxError")]
    [InlineData("exec('(')", "SyntaxError")]
    [InlineData("def f(): f()\nf()", "RecursionError")]
    [InlineData("x = bytearray(4 * 1024 ** 3)", "MemoryError")]
    [InlineData("import sys\nsys.exit('bye')", "bye")]
    public async Task What_goes_wrong_while_it_runs_is_a_runtime_error(string source, string stderr)
    {
        var result = await RunAsync(source);

        Assert.Equal(11, StatusOf(result));
        Assert.Contains(stderr, (string?)result["stderr"], StringComparison.Ordinal);
        Assert.Equal("Exited with error status 1", (string?)result["message"]);
    }

    [Theory]
    [InlineData("while True: print('spam' * 100)")]
    [InlineData("import sys\nwhile True: sys.stderr.write('spam' * 100)")]
    public async Task Endless_output_is_stopped(string source)
    {
        var result = await RunAsync(source);

        Assert.Equal(11, StatusOf(result));
        Assert.Equal("Output limit exceeded", (string?)result["message"]);
        Assert.InRange(((string?)result["stdout"] ?? "").Length, 0, 1024 * 1024);
    }

    [Fact]
    public async Task A_file_cannot_grow_without_end()
    {
        var result = await RunAsync("with open('big', 'wb') as f:\n  for i in range(64): f.write(b'x' * 1024 * 1024)");

        Assert.Equal(11, StatusOf(result));
    }

    [Fact]
    public async Task Its_environment_is_empty_but_for_what_the_shell_and_the_locale_need()
    {
        var result = await RunAsync("import os\nprint(' '.join(sorted(os.environ)))");

        Assert.Subset(new HashSet<string> { "LANG", "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_", "" }, ((string)result["stdout"]!).Trim().Split(' ').ToHashSet());
    }

    [Fact]
    public async Task Input_that_is_not_read_does_no_harm()
    {
        var result = await RunAsync("print('done')", new string('x', 4 * 1024 * 1024));

        Assert.Equal(3, StatusOf(result));
        Assert.Equal("done\n", (string?)result["stdout"]);
    }

    [Fact]
    public async Task A_program_that_deletes_its_folder_does_not_take_the_worker_with_it()
    {
        await using var server = await StartWithPythonAsync(workers: 1);
        var program = Program("import os, shutil\nshutil.rmtree(os.getcwd())\nprint('gone')", language: Python);

        Assert.Equal("gone\n", (string?)(await server.RunAsync(program))["stdout"]);
        await server.AssertStillAnswersAsync();
    }

    private static async Task<JsonNode> RunAsync(string source, string? stdin = null, double? cpu = null, double? wall = null)
    {
        await using var server = await StartWithPythonAsync();
        return await server.RunAsync(Program(source, stdin, cpu, wall, Python));
    }
}
