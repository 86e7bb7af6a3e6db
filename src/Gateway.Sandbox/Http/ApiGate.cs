using Gateway.Sandbox.Faults;
using Gateway.Sandbox.Merchant;

namespace Gateway.Sandbox.Http;

/// <summary>In front of every API operation: counts the call, lets faults strike, and asks for a bearer key.</summary>
internal sealed class ApiGate(SandboxOptions options, FaultInjection faults, Func<MerchantState> state)
{
    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/v0", StringComparison.Ordinal)) return next(context);
        var operation = $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path}";
        state().Calls.AddOrUpdate(operation, 1, static (_, n) => n + 1);
        return faults.InvokeAsync(context, operation, admitted => Refusal(admitted) is { } refused ? refused.WriteAsync(admitted) : next(admitted));
    }

    private ApiError? Refusal(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return ApiError.Unauthorized("A bearer key is needed.");
        var key = header[Bearer.Length..].Trim();
        if (key.StartsWith("sk_live_", StringComparison.Ordinal)) return ApiError.Unauthorized("A live key does not work in the sandbox.");
        return options.ApiKeys.Contains(key, StringComparer.Ordinal) ? null : ApiError.Unauthorized("The key is not known.");
    }
}
