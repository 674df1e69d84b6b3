/*
 * collection_reserved.c
 *		The list of what may not be collected, and who asks for it.
 *
 * Pure C.  Religion, genes, fingerprints, blood type, illness and medical
 * history: Regulation on the Credit Reporting Industry, article 14.  Political
 * opinion, petitions, family and other biometrics are added to it: none of them
 * says how anybody keeps his word.
 */
#include "collection_reserved.h"

#include <string.h>

#define LONGEST_WORD	16

/* Sorted, for the search; an English name is taken apart into its words. */
static const char *const reserved_words[] = {
	"biometric", "biometrics", "blood", "child", "children", "church", "daughter",
	"diagnoses", "diagnosis", "disease", "diseases", "divorce", "dna", "faceprint",
	"facial", "faith", "families", "family", "father", "fingerprint", "fingerprints",
	"gene", "genes", "genetic", "genetics", "genome", "hiv", "husband", "illness",
	"illnesses", "iris", "kin", "kinship", "marital", "marriage", "medical", "mother",
	"palmprint", "parent", "parents", "petition", "petitions", "political", "politics",
	"pregnancy", "psychiatric", "relative", "relatives", "religion", "religions",
	"religious", "retina", "sexual", "sibling", "siblings", "son", "spouse",
	"voiceprint", "wife", "worship"
};

/* Chinese has no blanks: these are looked for anywhere in a name. */
static const char *const reserved_parts[] = {
	"宗教", "信仰", "基因", "指纹", "掌纹", "虹膜", "人脸", "声纹", "血型", "疾病",
	"病史", "病历", "病情", "诊断", "政治", "党派", "信访", "上访", "家庭", "家属",
	"亲属", "配偶", "子女", "父母", "婚姻"
};

#define COUNT(a) ((int) (sizeof(a) / sizeof((a)[0])))

static bool
reserved_word(const char *word)
{
	int			low = 0;
	int			high = COUNT(reserved_words) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(word, reserved_words[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

static bool
reserved_part(const char *name, size_t length)
{
	for (int i = 0; i < COUNT(reserved_parts); i++)
	{
		size_t		size = strlen(reserved_parts[i]);

		for (size_t at = 0; at + size <= length; at++)
			if (memcmp(name + at, reserved_parts[i], size) == 0)
				return true;
	}
	return false;
}

/*
 * Words end where no ASCII letter follows, and before a capital behind a small
 * letter, so that bloodType, blood_type and BLOOD-TYPE are one name.
 */
bool
collection_reserved(const char *name, size_t length)
{
	char		word[LONGEST_WORD + 1];
	int			letters = 0;
	bool		small = false;
	bool		ascii = true;

	for (size_t i = 0; i <= length; i++)
	{
		unsigned char c = i < length ? name[i] : '\0';
		bool		upper = c >= 'A' && c <= 'Z';
		bool		lower = c >= 'a' && c <= 'z';

		if (c >= 0x80)
			ascii = false;
		if ((!upper && !lower) || (upper && small))
		{
			if (letters > 0 && letters <= LONGEST_WORD)
			{
				word[letters] = '\0';
				if (reserved_word(word))
					return true;
			}
			letters = 0;
		}
		small = lower;
		if (upper || lower)
		{
			if (letters < LONGEST_WORD)
				word[letters] = c | 0x20;
			letters++;
		}
	}
	return !ascii && reserved_part(name, length);
}
