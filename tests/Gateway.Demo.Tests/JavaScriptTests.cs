using System.Globalization;
using System.Text.RegularExpressions;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class JavaScriptTests
{
    [Fact]
    public async Task Prints_what_it_reads_from_stdin()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("console.log('Hello, ' + readline()); console.log(readline(), 1, true)", "world\nsecond"));

        Assert.Equal(3, StatusOf(result));
        Assert.Equal("Accepted", (string?)result["status"]!["description"]);
        Assert.Equal("Hello, world\nsecond 1 true\n", (string?)result["stdout"]);
        Assert.Null(result["stderr"]);
        Assert.Null(result["compile_output"]);
    }

    [Fact]
    public async Task Readline_gives_null_at_the_end_and_the_last_newline_begins_no_line()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("var n = 0; while (readline() !== null) n++; console.log(n)", "a\r\n\nb\n"));

        Assert.Equal("3\n", (string?)result["stdout"]);
    }

    [Fact]
    public async Task Time_is_a_decimal_string_and_memory_a_number()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("console.log(1)"));

        Assert.Matches(new Regex(@"^\d+\.\d{3}$"), (string)result["time"]!);
        Assert.True((long)result["memory"]! > 0);
    }

    [Fact]
    public async Task An_infinite_loop_ends_by_its_time_limit()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("for (;;) {}", cpu: 0.5));

        Assert.Equal(5, StatusOf(result));
        Assert.InRange(double.Parse((string)result["time"]!, CultureInfo.InvariantCulture), 0.4, 5);
    }

    [Theory]
    [InlineData("let i = 0; while (true) i++;")]
    [InlineData("while (true) { let o = { a: 1 }; }")]
    [InlineData("/^(a+)+$/.test('a'.repeat(40) + 'b')")]
    [InlineData("throw { toString() { for (;;) {} } }")]
    [InlineData("console.log({ toString() { for (;;) {} } })")]
    public async Task A_program_that_does_not_end_is_stopped(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source, cpu: 0.5));

        Assert.InRange(StatusOf(result), 5, 12);
        Assert.InRange(double.Parse((string)result["time"]!, CultureInfo.InvariantCulture), 0, 5);
    }

    [Fact]
    public async Task The_smallest_limits_are_limits_too()
    {
        await using var server = await StartAsync();
        var program = Program("for (;;) {}", cpu: 1e-300);
        program["memory_limit"] = 1e-9;

        Assert.NotEqual(3, StatusOf(await server.RunAsync(program)));
    }

    [Theory]
    [InlineData("var x = ;")]
    [InlineData("function (")]
    public async Task A_syntax_error_is_a_compilation_error_that_costs_no_time(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source));

        Assert.Equal(6, StatusOf(result));
        Assert.NotEmpty((string)result["compile_output"]!);
        Assert.Null(result["time"]);
        Assert.Null(result["memory"]);
    }

    [Fact]
    public async Task Strict_mode_refuses_what_sloppy_mode_takes()
    {
        await using var server = await StartAsync();

        Assert.Equal(3, StatusOf(await server.RunAsync(Program("var o = 010; undeclared = o"))));
        Assert.Equal(6, StatusOf(await server.RunAsync(Program("var o = 010", language: 163))));
        Assert.Equal(11, StatusOf(await server.RunAsync(Program("undeclared = 1", language: 163))));
    }

    [Fact]
    public async Task An_uncaught_error_is_a_runtime_error_that_keeps_the_output_before_it()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("console.log('before'); console.error('warn'); throw new Error('boom')"));

        Assert.Equal(11, StatusOf(result));
        Assert.Equal("before\n", (string?)result["stdout"]);
        Assert.StartsWith("warn\n", (string?)result["stderr"], StringComparison.Ordinal);
        Assert.Contains("boom", (string?)result["stderr"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throw null")]
    [InlineData("throw undefined")]
    [InlineData("throw Symbol('s')")]
    [InlineData("throw { toString() { throw 1 } }")]
    [InlineData("throw { toString: null, valueOf: null }")]
    [InlineData("throw Object.create(null)")]
    [InlineData("throw new Proxy({}, { get() { throw 1 } })")]
    [InlineData("var e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw e } }); throw e")]
    [InlineData("console.log({ toString() { throw 1 } })")]
    public async Task Whatever_is_thrown_is_a_runtime_error_and_the_server_lives(string source)
    {
        await using var server = await StartAsync();

        Assert.Equal(11, StatusOf(await server.RunAsync(Program(source))));
        await server.AssertStillAnswersAsync();
    }

    [Fact]
    public async Task Any_value_can_be_printed()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("console.log(undefined, null, Symbol('s'), 1.5, 10n, [1, 2], 'é'); console.log(); console.log('\\ud800')"));

        Assert.Equal(3, StatusOf(result));
        Assert.StartsWith("undefined null Symbol(s) 1.5 10 1,2 é\n\n", (string?)result["stdout"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42", "42", 3)]
    [InlineData("42\\n\\n", "42  \n", 3)]
    [InlineData("41", "42", 4)]
    [InlineData("", "42", 4)]
    public async Task Output_is_compared_with_what_is_expected_but_for_space_at_the_end(string printed, string expected, int status)
    {
        await using var server = await StartAsync();
        var program = Program($"console.log('{printed}')");
        program["expected_output"] = expected;

        Assert.Equal(status, StatusOf(await server.RunAsync(program)));
    }
}
