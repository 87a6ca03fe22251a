using System.Runtime.CompilerServices;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Files of this repository.</summary>
internal static class Repository
{
    /// <summary>The folder of this project's sources.</summary>
    public static string ProjectFolder { get; } = Path.GetDirectoryName(ThisFile())!;

    /// <summary>The root.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(ProjectFolder, "..", ".."));

    /// <summary>Reads a file by its path from the root.</summary>
    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
