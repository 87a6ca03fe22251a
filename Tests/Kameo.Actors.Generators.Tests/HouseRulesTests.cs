using System.Text.RegularExpressions;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Rules of this repository that a reader would otherwise have to watch.</summary>
public sealed partial class HouseRulesTests
{
    private const int LinesMax = 600;

    private static IEnumerable<string> Sources() =>
        new[] { "Transport", "Runtime", "Generators", "Samples", "Tests" }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(static path => Path.GetRelativePath(Repository.Root, path))
            .Where(static path => !BuildOutput().IsMatch(path));

    [Fact]
    public void Files_stay_small_and_say_what_is_finished()
    {
        foreach (string path in Sources())
        {
            string text = File.ReadAllText(Path.Combine(Repository.Root, path));
            Assert.True(text.Count(static c => c == '\n') <= LinesMax, $"{path} is longer than {LinesMax} lines");
            Assert.False(Unfinished().IsMatch(text), $"{path}: {Unfinished().Match(text).Value}");
            Assert.False(!path.StartsWith("Tests", StringComparison.Ordinal) && AmbientTime().IsMatch(text), $"{path}: {AmbientTime().Match(text).Value}");
        }
    }

    [Fact]
    public void Types_are_named_for_what_they_are()
    {
        foreach (string path in Sources())
        {
            Match match = VagueName().Match(File.ReadAllText(Path.Combine(Repository.Root, path)));
            Assert.False(match.Success, $"{path}: {match.Value}");
        }
    }

    [GeneratedRegex(@"(^|[\\/])(bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"//\s*(T[O]DO|FIXME|HACK)\b|throw new NotImplemented[E]xception\(\)|#regio[n]|Thread\.Slee[p]\(|Task\.Delay\(\d")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?No[w]\b|Random\.Share[d]\b")]
    private static partial Regex AmbientTime();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum) \w*(Manager|Helper|Util|Utils|Service|Info|Common|Impl)\b")]
    private static partial Regex VagueName();
}
