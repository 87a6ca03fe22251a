using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Which members of an exception travel: those of its author's classes, and of what every exception has the message and the inner exception. The rest is .NET's, and of the place where it was thrown.</summary>
internal static class ExceptionMembers
{
    private const string Base = "System.Exception";
    private const string CauseName = "InnerException";

    /// <summary>How the inner exception travels: as a part of the fault, not of what its formatter writes.</summary>
    public static readonly TypeReading Cause = TypeReading.Of("global::System.Exception", BuiltInFormatters.Room + "CauseFormatter", isImmutable: true);

    /// <summary>Whether a type is an exception.</summary>
    public static bool IsException(INamedTypeSymbol type) => WellKnown.ChainOf(type).Any(static at => WellKnown.FullName(at) == Base);

    /// <summary>Whether a member is what the exception came of.</summary>
    public static bool IsCause(ISymbol member) => member.Name == CauseName && WellKnown.FullName(member.ContainingType) == Base;

    /// <summary>The member that a constructor's parameter is named for: an inner exception goes by two names.</summary>
    public static string NameOf(IParameterSymbol parameter) =>
        parameter is { Name: "inner", ContainingType: { } type } && IsException(type) ? CauseName : parameter.Name;

    /// <summary>What may travel, the most first: one constructor must take what cannot be set.</summary>
    public static IEnumerable<ISymbol[]> ChoicesOf(INamedTypeSymbol type, Compilation compilation)
    {
        ISymbol[] own = [.. MemberParser.MembersOf(type).Where(member => !Losses.IsOfDotnet(member.ContainingType, compilation))];
        INamedTypeSymbol origin = WellKnown.ChainOf(type).First(static at => WellKnown.FullName(at) == Base);
        ISymbol[] message = own.Any(static member => member.Name == "Message") ? [] : [.. origin.GetMembers("Message")];
        ISymbol[] cause = [.. origin.GetMembers(CauseName)];
        return [[.. own, .. message, .. cause], [.. own, .. message], [.. own, .. cause], own];
    }
}
