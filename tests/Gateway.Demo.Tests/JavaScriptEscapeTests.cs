using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class JavaScriptEscapeTests
{
    [Theory]
    [InlineData("System")]
    [InlineData("importNamespace")]
    [InlineData("clrHelper")]
    [InlineData("require")]
    [InlineData("process")]
    [InlineData("fetch")]
    [InlineData("(function(){}).constructor('return this')().System")]
    [InlineData("(function(){}).constructor('return this')().importNamespace")]
    [InlineData("(async()=>{}).constructor('return this')().System")]
    [InlineData("console.log.constructor('return this')().System")]
    [InlineData("readline.constructor('return this')().System")]
    [InlineData("[].constructor.constructor('return typeof System')() === 'undefined' ? undefined : 1")]
    [InlineData("globalThis['Sys' + 'tem']")]
    [InlineData("readline.GetType")]
    [InlineData("readline.Method")]
    [InlineData("readline.Target")]
    [InlineData("readline.Invoke")]
    [InlineData("readline.DynamicInvoke")]
    [InlineData("console.log.GetType")]
    [InlineData("console.Engine")]
    [InlineData("console.GetType")]
    [InlineData("stdin.GetType")]
    [InlineData("stdin.Length")]
    [InlineData("(() => { try { null.x } catch (e) { return e.GetType ?? e.InnerException ?? e.StackTrace } })()")]
    public async Task Nothing_of_dotnet_or_of_the_machine_is_there(string expression)
    {
        await using var server = await StartAsync();
        var source = $"let r; try {{ r = {expression} }} catch (e) {{ if (!(e instanceof ReferenceError)) throw e }} console.log(typeof r)";
        var result = await server.RunAsync(Program(source));

        Assert.Equal(3, StatusOf(result));
        Assert.Equal("undefined\n", (string?)result["stdout"]);
    }

    [Fact]
    public async Task The_only_globals_besides_the_language_are_stdin_readline_and_console()
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program("console.log(Object.keys(globalThis).sort().join())"));

        Assert.Equal("console,readline,stdin\n", (string?)result["stdout"]);
    }

    [Theory]
    [InlineData("import fs from 'fs'")]
    [InlineData("import('fs').then(m => console.log('escaped'))")]
    [InlineData("import('/etc/passwd').then(m => console.log('escaped'))")]
    public async Task Nothing_can_be_imported(string source)
    {
        await using var server = await StartAsync();
        var result = await server.RunAsync(Program(source));

        Assert.Null(result["stdout"]);
    }

    [Fact]
    public async Task One_program_leaves_nothing_for_the_next()
    {
        await using var server = await StartAsync();
        await server.RunAsync(Program("globalThis.left = 1; Array.prototype.join = () => 'spoilt'; JSON.stringify = null"));
        var result = await server.RunAsync(Program("console.log(typeof left, [1, 2].join('-'), JSON.stringify([1]))"));

        Assert.Equal("undefined 1-2 [1]\n", (string?)result["stdout"]);
    }

    [Fact]
    public async Task The_guarded_functions_do_what_the_language_says()
    {
        await using var server = await StartAsync();
        const string source =
            """
            console.log([1, null, [2, 3]].join(), [1, 2].join(''), String([[1], [2]]));
            console.log(JSON.stringify({ a: [1, { b: 2, c: undefined }], '': 0, d: new Date(0) }));
            console.log(JSON.stringify({ a: 1, b: { a: 2, c: 3 } }, ['a', 'b']), JSON.stringify({ a: 1 }, null, 2));
            console.log(JSON.stringify({ a: 1, b: 'x' }, (k, v) => typeof v === 'number' ? v + 1 : v), JSON.stringify(undefined));
            console.log([1, [2, [3, [4]]]].flat().length, [1, [2, [3, [4]]]].flat(Infinity).length, [1, [2]].flat(0).length);
            """;
        var result = await server.RunAsync(Program(source));

        Assert.Equal(
            """
            1,,2,3 12 1,2
            {"a":[1,{"b":2}],"":0,"d":"1970-01-01T00:00:00.000Z"}
            {"a":1,"b":{"a":2}} {
              "a": 1
            }
            {"a":2,"b":"x"} undefined
            3 4 2

            """, (string?)result["stdout"]);
    }
}
