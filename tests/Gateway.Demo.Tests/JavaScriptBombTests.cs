using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class JavaScriptBombTests
{
    [Theory]
    [InlineData("const all = []; for (;;) all.push(new Array(1000).fill(7));")]
    [InlineData("let s = 'x'; for (;;) s += s + s;")]
    [InlineData("'x'.repeat(2 ** 29).length")]
    [InlineData("new Uint8Array(2 ** 30).fill(1); for (;;) {}")]
    [InlineData("new Array(2 ** 32 - 1).fill(0)")]
    [InlineData("Array(2 ** 29).join('x')")]
    public async Task A_memory_bomb_is_stopped_and_the_server_goes_on(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source, cpu: 1));

        Assert.InRange(StatusOf(result), 5, 12);
        await server.AssertStillAnswersAsync();
    }

    [Theory]
    [InlineData("for (;;) console.log('spam spam spam');")]
    [InlineData("for (;;) console.error('spam spam spam');")]
    [InlineData("const s = 'x'.repeat(5e6); console.log(s); for (;;) {}")]
    public async Task Endless_output_is_stopped(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source));

        Assert.Equal(11, StatusOf(result));
        Assert.Contains("Output limit", (string?)result["message"], StringComparison.Ordinal);
        Assert.InRange(((string?)result["stdout"] ?? "").Length, 0, 1024 * 1024);
    }

    [Theory]
    [InlineData("function f() { return f() + 1 } f()")]
    [InlineData("var o = { toString() { return '' + o } }; '' + o")]
    [InlineData("var o = { get x() { return this.x } }; o.x")]
    [InlineData("class A { constructor() { new A() } } new A()")]
    [InlineData("var p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x")]
    [InlineData("function f() { [1].map(f) } f()")]
    [InlineData("function f() { eval('f()') } f()")]
    [InlineData("function f() { 'a'.replace(/a/, f) } f()")]
    public async Task A_recursion_bomb_is_a_runtime_error_and_the_process_lives(string source)
    {
        await using var server = await StartAsync();

        Assert.Equal(11, StatusOf(await server.RunAsync(Program(source))));
        await server.AssertStillAnswersAsync();
    }

    [Theory]
    [InlineData("var a = []; for (var i = 0; i < 50000; i++) a = [a]; String(a)")]
    [InlineData("var a = []; for (var i = 0; i < 50000; i++) a = [a]; JSON.stringify(a)")]
    [InlineData("var a = []; for (var i = 0; i < 50000; i++) a = [a]; a.flat(Infinity)")]
    [InlineData("JSON.parse('['.repeat(100000) + ']'.repeat(100000))")]
    [InlineData("var p = {}; for (var i = 0; i < 50000; i++) p = new Proxy(p, {}); p.x")]
    [InlineData("var p = {}; for (var i = 0; i < 50000; i++) p = Object.create(p); p.x")]
    [InlineData("var f = () => 1; for (var i = 0; i < 50000; i++) f = f.bind(null); f()")]
    [InlineData("eval('('.repeat(50000) + ')'.repeat(50000))")]
    [InlineData("eval('1' + '+1'.repeat(50000))")]
    [InlineData("new RegExp('('.repeat(50000) + ')'.repeat(50000)).test('')")]
    [InlineData("var s = ''; for (var i = 0; i < 100000; i++) s = 'a' + s; s.length")]
    public async Task Deep_structures_do_not_take_the_process_down(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source, cpu: 2));

        Assert.NotEqual(13, StatusOf(result));
        await server.AssertStillAnswersAsync();
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("1+", "1")]
    [InlineData("{", "}")]
    [InlineData("!", "1")]
    public async Task Deeply_nested_source_does_not_take_the_process_down(string open, string close)
    {
        await using var server = await StartAsync();
        var source = string.Concat(Enumerable.Repeat(open, 100_000)) + (close == "1" ? close : string.Concat(Enumerable.Repeat(close, 100_000)));
        var result = await server.RunAsync(Program(source, cpu: 2));

        Assert.NotEqual(13, StatusOf(result));
        await server.AssertStillAnswersAsync();
    }
}
