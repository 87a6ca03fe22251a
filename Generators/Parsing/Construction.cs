using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>How an object is made of its members.</summary>
/// <param name="Taken">Which members the constructor takes, by index, in its order.</param>
/// <param name="Places">Where each member's value goes.</param>
/// <param name="Defaults">For each member the default of the parameter that takes it.</param>
/// <param name="Forgotten">A required member that does not travel, so that no object can be made.</param>
internal sealed record Construction(int[] Taken, MemberPlace[] Places, string?[] Defaults, string? Forgotten)
{
    /// <summary>Finds the constructor: all its parameters are members by name, and every member that it does not take can be set. The one with most parameters wins.</summary>
    public static Construction? Of(INamedTypeSymbol type, ISymbol[] members, Compilation compilation)
    {
        foreach (IMethodSymbol constructor in type.InstanceConstructors
            .Where(constructor => compilation.IsSymbolAccessibleWithin(constructor, compilation.Assembly)
                && constructor.Parameters.All(static parameter => parameter.RefKind is RefKind.None or RefKind.In))
            .OrderByDescending(static constructor => constructor.Parameters.Length))
        {
            int[] taken = [.. constructor.Parameters.Select(parameter => Array.FindIndex(members, member =>
                string.Equals(member.Name, ExceptionMembers.NameOf(parameter), StringComparison.OrdinalIgnoreCase)
                && compilation.ClassifyCommonConversion(MemberParser.TypeOf(member), parameter.Type).IsImplicit))];
            bool isCopy = constructor.Parameters is [{ } only] && SymbolEqualityComparer.Default.Equals(only.Type, type);
            if (!isCopy && !taken.Contains(-1) && Enumerable.Range(0, members.Length).All(index => taken.Contains(index) || MemberParser.IsSettable(members[index])))
            {
                return Of(type, members, constructor, taken);
            }
        }

        return null;
    }

    private static Construction Of(INamedTypeSymbol type, ISymbol[] members, IMethodSymbol constructor, int[] taken)
    {
        ISymbol[] required = WellKnown.SetsRequiredMembers(constructor) ? [] : [.. WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).Where(WellKnown.IsRequired)];
        return new Construction(
            taken,
            [.. members.Select((member, index) =>
                required.Any(one => one.Name == member.Name) ? MemberPlace.Required
                : taken.Contains(index) ? MemberPlace.Constructor
                : MemberParser.IsInitOnly(member) ? MemberPlace.Initialiser
                : MemberPlace.Setter)],
            [.. members.Select((member, index) =>
                Array.IndexOf(taken, index) is >= 0 and var at && SymbolEqualityComparer.Default.Equals(constructor.Parameters[at].Type, MemberParser.TypeOf(member))
                    ? Literals.DefaultOf(constructor.Parameters[at])
                    : null)],
            required.FirstOrDefault(one => !members.Any(member => member.Name == one.Name))?.Name);
    }
}
