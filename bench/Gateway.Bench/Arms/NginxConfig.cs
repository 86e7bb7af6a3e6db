using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>What the configurations of all nginx processes here have in common.</summary>
internal static class NginxConfig
{
    /// <param name="program">nginx.</param>
    /// <param name="folder">Where the configuration and its temporary files go.</param>
    /// <param name="name">Of the files.</param>
    /// <param name="workers">Null: as many as there are processors.</param>
    /// <param name="http">Inside of <c>http { }</c>.</param>
    /// <param name="modules">Files of modules.</param>
    public static Launch Launch(string program, TempFolder folder, string name, int? workers, string http, params IEnumerable<string> modules)
    {
        var place = folder.Folder("nginx-" + name);
        var path = folder.File($"nginx-{name}.conf", $$"""
            {{string.Concat(modules.Select(m => $"load_module {m};\n"))}}
            daemon off;
            worker_processes {{workers?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "auto"}};
            worker_rlimit_nofile 20000;
            pid {{place}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 9000; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              keepalive_timeout 3600s;
              client_body_temp_path {{place}}/body; proxy_temp_path {{place}}/proxy; fastcgi_temp_path {{place}}/fastcgi; uwsgi_temp_path {{place}}/uwsgi; scgi_temp_path {{place}}/scgi;
              {{http}}
            }
            """);
        return new Launch(program, ["-e", "stderr", "-p", place, "-c", path]);
    }

    /// <summary>An upstream with connections kept, and the two lines a proxied location needs for that.</summary>
    public static string Upstream(Uri address) => $"upstream api {{ server {address.Authority}; keepalive 512; keepalive_requests 1000000000; }}";

    public static string Forward => "proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection \"\";";
}
