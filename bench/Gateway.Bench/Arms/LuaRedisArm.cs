using System.Globalization;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>
/// The usual way to count requests at a proxy: nginx with Lua asks a real Redis twice for each request, whose key it is and for one unit. Measures nothing else,
/// and nobody is told of it.
/// </summary>
internal sealed class LuaRedisArm : IArm
{
    private static readonly string[] Modules = ["ndk_http_module.so", "ngx_http_lua_module.so"]; // in the order in which they must be loaded
    private static readonly string[] Libraries = ["/usr/share/lua/5.1/nginx/redis.lua", "/usr/share/lua/5.1/resty/redis.lua", "/usr/local/share/lua/5.1/resty/redis.lua"];

    public string Name => "nginx-lua-redis";

    public string Description => "nginx with Lua: a key look-up and one EVALSHA for each request in a real Redis, connections kept";

    public IReadOnlyList<string> Missing =>
    [
        .. new[] { "nginx", RedisProcess.Program }.Where(p => Programs.Find(p) is null),
        .. Modules.Where(m => Programs.FindNginxModule(m) is null),
        .. Library is null ? (string[])["lua-nginx-redis"] : [],
    ];

    private static string? Library => Array.Find(Libraries, File.Exists);

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var redis = await RedisProcess.StartAsync(started, world, stop);
        string sha;
        await using (var connection = await redis.ConnectAsync())
        {
            await connection.GetDatabase().HashSetAsync("keys", Traffic.Key, Traffic.Customer);
            sha = Convert.ToHexStringLower(await connection.GetServers()[0].ScriptLoadAsync(TakeScript));
        }

        var address = Ports.FreeAddress();
        var process = started.Start(Role.Proxy, NginxConfig.Launch(Programs.Find("nginx")!, world.Folder, "lua", workers: null, Http(world, address, redis, sha), Modules.Select(m => Programs.FindNginxModule(m)!)));
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(world.Paths, [Traffic.Key])))
        {
            CountAsync = async _ => new Counts(RedisCalls: await redis.CallsAsync()),
        }.Owns(started.HandOver());
    }

    /// <summary>Fills the counter up itself when it runs low: what a wallet would do is not what is measured here.</summary>
    private const string TakeScript = """
        local left = tonumber(redis.call('GET', KEYS[1]) or '0')
        if left < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1000000) end
        return redis.call('DECRBY', KEYS[1], ARGV[1])
        """;

    private static string Http(ArmWorld world, Uri address, RedisProcess redis, string sha)
    {
        var library = Library!;
        var root = library[..^(library.EndsWith("/nginx/redis.lua", StringComparison.Ordinal) ? "nginx/redis.lua" : "resty/redis.lua").Length];
        var module = library[root.Length..^".lua".Length].Replace('/', '.');
        return string.Create(CultureInfo.InvariantCulture, $$"""
            lua_package_path "{{root}}?.lua;;";
            init_by_lua_block { redis_client = require "{{module}}" }
            {{NginxConfig.Upstream(world.Upstream)}}
            server {
              listen 127.0.0.1:{{address.Port}} backlog=4096;
              location / {
                access_by_lua_block {
                  local key = ngx.var.http_x_api_key
                  if not key then return ngx.exit(401) end
                  local redis = redis_client:new()
                  redis:set_timeout(2000)
                  local ok = redis:connect("127.0.0.1", {{redis.Port}})
                  if not ok then return ngx.exit(503) end
                  local customer = redis:hget("keys", key)
                  if not customer or customer == ngx.null then return ngx.exit(401) end
                  local left = redis:evalsha("{{sha}}", 1, "units:" .. customer, 1)
                  if not left then return ngx.exit(503) end
                  redis:set_keepalive(60000, 512)
                  if left < 0 then return ngx.exit(402) end
                }
                {{NginxConfig.Forward}}
              }
            }
            """);
    }
}
