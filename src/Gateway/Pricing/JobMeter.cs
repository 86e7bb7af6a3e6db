using System.Collections.Immutable;

namespace Gateway.Pricing;

/// <summary>How a meter finds jobs in answers, whose result comes later than their submission.</summary>
/// <param name="Name">In the configuration: <c>Gateway:Jobs</c>.</param>
/// <param name="TokenField">Where an answer names the job, an index among <see cref="ResponseFields"/>.</param>
/// <param name="Parameter">The parameter of the route's path that names it; null: the route submits jobs.</param>
/// <param name="StatusField">Where an answer says whether it runs.</param>
/// <param name="Running">What it says then.</param>
/// <param name="SettleAfter">When a job is charged whose result nobody fetched.</param>
/// <param name="Remember">How long it is known that a job was charged.</param>
/// <param name="IfUnseen">Whole units that a job costs whose result nobody fetched.</param>
internal sealed record JobMeter(
    string Name, int TokenField, string? Parameter, int StatusField, ImmutableArray<string> Running, TimeSpan SettleAfter, TimeSpan Remember, long IfUnseen)
{
    /// <summary>The request has the result and not the answer: a callback of the API's to whoever submitted the job, who is charged.</summary>
    public bool IsCallback { get; init; }

    /// <summary>Null: the answer is about no job. Else its token, and whether its result is here.</summary>
    /// <param name="row">The values of one job in the answer.</param>
    /// <param name="path">The parameters of the request's path.</param>
    public (string Token, bool IsDone)? Read(string?[] row, RouteValueDictionary path)
    {
        var asked = Parameter is null ? null : path[Parameter] as string;
        var token = asked ?? row[TokenField];
        if (string.IsNullOrEmpty(token)) return null;

        // Who asks for a result and has its status left out of the answer gets a result.
        var status = row[StatusField];
        return (token, status is null ? Parameter is not null : !Running.Contains(status));
    }
}
