using System.Runtime.CompilerServices;
using Acornima.Ast;
using Jint;

namespace Gateway.Demo.Runner;

/// <summary>
/// Keeps a program from overflowing the thread's stack, which would end the whole process. Jint counts calls from script to script only;
/// this looks at the stack itself with every statement, and has the built-in functions that recurse by themselves take a statement per level.
/// Proxies of proxies, hundreds of thousands deep, still get past it.
/// </summary>
internal sealed class JavaScriptGuard : Constraint
{
    // To be run before the program: it keeps the natives for itself, so a program cannot get at them.
    private static readonly Prepared<Script> Natives = Engine.PrepareScript(
        """
        (() => {
            const { apply } = Reflect, { min } = Math, { isArray } = Array, { stringify } = JSON;
            const { join, flat, toLocaleString } = Array.prototype;
            const define = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, configurable: true });
            define(Array.prototype, 'join', function (separator) { return apply(join, this, [separator]); });
            define(Array.prototype, 'toLocaleString', function () { return apply(toLocaleString, this, []); });
            define(Array.prototype, 'flat', function (depth) { return apply(flat, this, [depth === undefined ? 1 : min(depth, 1000)]); });
            define(JSON, 'stringify', function (value, replacer, space) {
                const names = isArray(replacer) ? new Set(replacer.map(String)) : null;
                let first = true;
                return apply(stringify, JSON, [value, function (key, item) {
                    const kept = first || !names || isArray(this) || names.has(key);
                    first = false;
                    return typeof replacer === 'function' ? apply(replacer, this, [key, item]) : kept ? item : undefined;
                }, space]);
            });
        })();
        """);

    public static void Install(Engine engine) => engine.Execute(Natives);

    public override void Reset()
    {
    }

    public override void Check() => RuntimeHelpers.EnsureSufficientExecutionStack();
}
