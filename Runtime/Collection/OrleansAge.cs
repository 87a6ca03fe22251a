using System.Reflection;

namespace Kameo.Actors.Collection;

/// <summary>What Orleans' own <c>[CollectionAgeLimit]</c> says, matched by name: 3.5.1, which is referenced, does not have it; an application that has lifted it to 10.x may.</summary>
internal static class OrleansAge
{
    /// <summary>The age of a class.</summary>
    /// <returns>Null if it has no such attribute; <see cref="TimeSpan.MaxValue"/> where it says <c>AlwaysActive</c>.</returns>
    public static TimeSpan? Of(Type type)
    {
        for (Type? declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (declaring.GetCustomAttributesData().FirstOrDefault(static one => one.AttributeType.FullName is "Orleans.CollectionAgeLimitAttribute" or "Orleans.Configuration.CollectionAgeLimitAttribute") is { } found)
            {
                return Named(found, "AlwaysActive") is true
                    ? TimeSpan.MaxValue
                    : TimeSpan.FromDays(Number(found, "Days")) + TimeSpan.FromHours(Number(found, "Hours")) + TimeSpan.FromMinutes(Number(found, "Minutes"));
            }
        }

        return null;
    }

    private static double Number(CustomAttributeData attribute, string name) => Named(attribute, name) is double number ? number : 0;

    private static object? Named(CustomAttributeData attribute, string name) => attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;
}
