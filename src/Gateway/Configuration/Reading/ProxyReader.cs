using System.Reflection;
using System.Security.Authentication;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Configuration.Reading;

/// <summary>Reads YARP's own section the way YARP does, and asks YARP what is wrong with it.</summary>
internal static class ProxyReader
{
    public const string Section = "ReverseProxy";
    private const string Path = $"$.{Section}";

    /// <summary>The routes, also when they have errors; empty when the section cannot be read at all.</summary>
    public static IReadOnlyList<RouteConfig> Read(IConfiguration configuration, Findings findings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(configuration.GetSection(Section));
        using var provider = services.BuildServiceProvider();
        try
        {
            var proxy = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            Validate(proxy, provider.GetRequiredService<IConfigValidator>(), findings);
            CheckNames(configuration, findings);
            return proxy.Routes;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or InvalidCastException)
        {
            findings.Add(Path, $"YARP cannot read it: {e.Message}");
            return [];
        }
    }

    /// <summary>The parameters of a route's path, <c>/submissions/{token}</c>; null when the path is not valid.</summary>
    public static IReadOnlyCollection<string>? PathParameters(RouteConfig route)
    {
        try
        {
            return [.. RoutePatternFactory.Parse(route.Match.Path ?? "").Parameters.Select(p => p.Name)];
        }
        catch (RoutePatternException)
        {
            return null; // YARP's validator has said so
        }
    }

    private static void Validate(IProxyConfig proxy, IConfigValidator validator, Findings findings)
    {
        if (proxy.Routes.Count == 0) findings.Add($"{Path}.Routes", "has none; without a route YARP forwards nothing");

        var clusters = proxy.Clusters.Select(c => c.ClusterId).ToList();
        foreach (var route in proxy.Routes)
        {
            var path = Findings.Step($"{Path}.Routes", route.RouteId);
            Report(validator.ValidateRouteAsync(route), path, findings);
            foreach (var (key, policy) in Policies(route))
            {
                if ("Default".Equals(policy, StringComparison.OrdinalIgnoreCase)) findings.Add($"{path}.{key}", "'Default' is a policy that a program sets, and the gateway has none; leave it out");
            }

            if (string.IsNullOrEmpty(route.ClusterId))
            {
                findings.Add($"{path}.ClusterId", $"is missing; name one of {Path}.Clusters");
            }
            else if (!clusters.Contains(route.ClusterId, StringComparer.OrdinalIgnoreCase))
            {
                findings.Add($"{path}.ClusterId", $"unknown cluster '{route.ClusterId}'{Suggestion.For(route.ClusterId, clusters)}");
            }
        }
        foreach (var cluster in proxy.Clusters)
        {
            var path = Findings.Step($"{Path}.Clusters", cluster.ClusterId);
            Report(validator.ValidateClusterAsync(cluster), path, findings);
            if (cluster.Destinations is not { Count: > 0 }) findings.Add($"{path}.Destinations", "has none; give at least one Address");
            foreach (var (id, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            {
                // YARP takes anything, and fails with every request.
                if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
                    findings.Add($"{Findings.Step($"{path}.Destinations", id)}.Address", "must be http:// or https:// and a host, such as http://localhost:2358/");
            }
        }
    }

    /// <summary>
    /// YARP reads past names that it does not know, and past a value where it wants an object or a list. A route that is narrowed by one of those takes every
    /// request of its path, and where it is free it takes them for nothing; a cluster's time limit, protocol or certificate check is YARP's default.
    /// </summary>
    private static void CheckNames(IConfiguration configuration, Findings findings)
    {
        var proxy = new SectionReader(configuration.GetSection(Section), Path, findings);
        foreach (var route in proxy.Entries(nameof(IProxyConfig.Routes))) CheckNames(typeof(RouteConfig), route, but: nameof(RouteConfig.RouteId));
        foreach (var cluster in proxy.Entries(nameof(IProxyConfig.Clusters))) CheckNames(typeof(ClusterConfig), cluster, but: nameof(ClusterConfig.ClusterId));
        proxy.End();
    }

    /// <summary>YARP's classes have their settings' names. What is not made of them (texts, metadata, transforms) is YARP's to check.</summary>
    private static void CheckNames(Type type, SectionReader at, string? but = null)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != but))
        {
            var (name, kind) = (property.Name, property.PropertyType);
            if (IsOfYarp(kind)) CheckNames(kind, at.Object(name));
            else if (kind.GenericTypeArguments is [.., var item] && IsOfYarp(item)) CheckEach(item, kind.GenericTypeArguments.Length == 1 ? at.Items(name) : at.Entries(name));
            else if (kind == typeof(SslProtocols?) || (kind.IsGenericType && kind.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))) at.NoSingleValue(name);
            else at.Has(name);
        }

        at.End();
    }

    private static void CheckEach(Type type, List<SectionReader> items) => items.ForEach(item => CheckNames(type, item));

    private static bool IsOfYarp(Type type) => type.IsClass && type.Assembly == typeof(RouteConfig).Assembly;

    /// <summary>Of ASP.NET Core's, which are set in a program's code. YARP refuses names that nothing is registered by, but takes those that always mean something.</summary>
    private static (string Key, string? Policy)[] Policies(RouteConfig route) =>
    [
        (nameof(route.AuthorizationPolicy), route.AuthorizationPolicy), (nameof(route.CorsPolicy), route.CorsPolicy),
        (nameof(route.RateLimiterPolicy), route.RateLimiterPolicy), (nameof(route.OutputCachePolicy), route.OutputCachePolicy),
    ];

    private static void Report(ValueTask<IList<Exception>> validation, string path, Findings findings)
    {
        // YARP's validators answer synchronously; the task is for policies of the host's own, which there are none of here.
        foreach (var error in validation.AsTask().GetAwaiter().GetResult()) findings.Add(path, error.Message);
    }
}
