using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Names in generated code. Two different things never get one name, not even one that differs only by case where it names a file.</summary>
internal static class Naming
{
    /// <summary>File systems allow 255 bytes for a name; hash, ending and letters of several bytes need their part.</summary>
    private const int LengthMax = 100;

    /// <summary>
    /// A name as one identifier. Dots become underscores; a name with anything else that is no letter or digit, a very long one, and one that generated code uses itself
    /// gets a hash of the whole name at its end.
    /// </summary>
    public static string Unique(string name)
    {
        string bare = name.Replace("global::", string.Empty);
        string text = new([.. bare.Select(static c => char.IsLetterOrDigit(c) ? c : '_')]);
        text = text.Length == 0 || char.IsDigit(text[0]) ? "_" + text : text;
        bool isPlain = text.Length <= LengthMax
            && bare.All(static c => c == '.' || char.IsLetterOrDigit(c))
            && Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(text) == Microsoft.CodeAnalysis.CSharp.SyntaxKind.None
            && !bare.EndsWith("Formatter", StringComparison.OrdinalIgnoreCase)
            && !bare.Equals("ActorRegistration", StringComparison.OrdinalIgnoreCase);
        return isPlain ? text : WithHash(text.Length <= LengthMax ? text : text.Substring(0, LengthMax), bare);
    }

    /// <summary>A text with the hash of a name.</summary>
    public static string WithHash(string text, string name) => $"{text}_{StableHash.Of32(name):x8}";

    /// <summary>A name that may be a keyword, escaped.</summary>
    public static string Escape(string name) =>
        Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(name) != Microsoft.CodeAnalysis.CSharp.SyntaxKind.None ? "@" + name : name;

    /// <summary>A name that none of those given is: with underscores at its end where it must.</summary>
    public static string Free(string name, IEnumerable<string> taken)
    {
        while (taken.Contains(name))
        {
            name += "_";
        }

        return name;
    }

    /// <summary>The name of an interface's tells: its own and those of the types around it, then <c>Tell</c>. With a hash where its namespace or its methods have that name already.</summary>
    public static string TellOf(INamedTypeSymbol type, IEnumerable<string> methods)
    {
        string name = type.Name;
        bool isAmbiguous = false;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + "_" + name;
            isAmbiguous |= outer.Name.Contains('_') || type.Name.Contains('_');
        }

        bool isTaken = isAmbiguous
            || type.IsGenericType
            || methods.Contains(name + "Tell")
            || type.ContainingNamespace.GetTypeMembers(name + "Tell").Length != 0
            || type.ContainingNamespace.GetTypeMembers(name + "Tells").Length != 0
            || (type.ContainingType is not null && type.ContainingNamespace.GetTypeMembers(name).Length != 0);
        return (isTaken ? WithHash(name + "_", type.ToDisplayString(WellKnown.Qualified)) : name) + "Tell";
    }
}
