using System.Globalization;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Measuring;

/// <summary>Processor time in microseconds.</summary>
internal readonly record struct CpuTime(double User, double System)
{
    public double Total => User + System;

    public static CpuTime operator +(CpuTime a, CpuTime b) => new(a.User + b.User, a.System + b.System);

    public static CpuTime operator -(CpuTime a, CpuTime b) => new(a.User - b.User, a.System - b.System);
}

/// <summary>Reads a process's and its children's figures from /proc.</summary>
internal static class ProcessClock
{
    private const double MicrosecondsPerTick = 10_000; // USER_HZ is 100 on every Linux

    public static CpuTime Cpu(ChildProcess child) => Tree(child.Id).Select(Cpu).Aggregate(default(CpuTime), (sum, one) => sum + one);

    /// <summary>Resident bytes. Pages that parent and children share count once for each.</summary>
    public static long Resident(ChildProcess child) => Tree(child.Id).Sum(Resident);

    /// <summary>Microseconds in which a processor of this machine had nothing to do, or waited for a disk; all processors together.</summary>
    public static double MachineIdle()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (Number(fields[4]) + Number(fields[5])) * MicrosecondsPerTick;
    }

    private static CpuTime Cpu(int id)
    {
        if (Read(id, "stat") is not { } stat) return default;
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new CpuTime(Number(fields[11]) * MicrosecondsPerTick, Number(fields[12]) * MicrosecondsPerTick);
    }

    private static long Resident(int id)
    {
        var line = Read(id, "status")?.Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : (long)Number(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }

    private static IEnumerable<int> Tree(int id)
    {
        yield return id;
        foreach (var child in (Read(id, $"task/{id}/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            foreach (var below in Tree(int.Parse(child, CultureInfo.InvariantCulture))) yield return below;
        }
    }

    private static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}"));
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }

    private static double Number(string text) => double.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
